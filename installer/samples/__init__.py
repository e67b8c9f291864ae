"""Read the sources of the sample library and write them as PDF, docx and Markdown."""
