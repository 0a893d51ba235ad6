"""MQTT: a broker's messages as readings, plain JSON by a mapping of topics; and the connection that Sparkplug uses, too."""
