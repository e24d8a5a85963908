"""The built site: opened in a browser, measured, printed as a PDF."""
