"""A bridge from MQTT to requests: decoding, order by key, batches, acknowledgement at the end."""
