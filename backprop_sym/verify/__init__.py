"""Printed figures held against derived ones: published examples as data, verdicts, and what explains a wrong one."""
