"""Regions: the areas in which members are warned together.

    configuration ──▶ Region ──▶ an alert room, a liaison room where police take part

:mod:`bridge.regions.region` says what a region is; :mod:`bridge.regions.police_units` is the
division used when the configuration names none.
"""

from bridge.regions.police_units import DEFAULT_REGIONS
from bridge.regions.region import NATIONWIDE, Region, RegionCode

__all__ = ["DEFAULT_REGIONS", "NATIONWIDE", "Region", "RegionCode"]
