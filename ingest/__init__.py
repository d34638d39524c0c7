"""llm-usage: what recorded LLM traffic cost, who served it and how fast. The public door of the package."""
