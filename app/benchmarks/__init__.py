"""What ``bedside bench`` measures; each benchmark returns figures, and compares with a named alternative."""
