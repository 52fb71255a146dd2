"""Tests of the package for hosts: `python3 -m unittest` in the folder above. They change nothing on this machine."""
