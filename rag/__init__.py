"""The library: documents in, passages out. Knows neither Qt nor LangGraph nor the language model."""
