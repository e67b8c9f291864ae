"""From a question to a cited answer: the LangGraph graph, its nodes, and what is kept of it."""
