"""Measurements that are compared within one run. They are no tests: machines differ and are noisy."""
