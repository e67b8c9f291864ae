"""The command line: parse, call a service, print. JSON on standard output, the rest on standard error."""
