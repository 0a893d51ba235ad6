"""MQTT Sparkplug B: what edge nodes say of their devices, by births, data and deaths (https://sparkplug.eclipse.org, specification 3.0)."""
