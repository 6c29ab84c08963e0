"""What assistants may ask, over the Model Context Protocol: the verbs of the core as its tools."""
