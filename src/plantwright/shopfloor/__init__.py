"""The live plant: connectors, their history, the states of machines, and the virtual plant."""
