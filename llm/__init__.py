"""Local language models: GGUF files, the process a model lives in, and decoding that copies."""
