"""MQTT 3.1.1 and 5 without a wire: windows, acknowledgements, what is sent again, a broker's sessions and limits."""
