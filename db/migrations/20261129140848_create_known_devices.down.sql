DROP TABLE known_devices;
DROP TABLE throttle_keys;
