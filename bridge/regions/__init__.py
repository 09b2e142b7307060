"""Regions: the areas in which members are warned together.

    configuration ─(once)─▶ records ──▶ Regions ──▶ an alert room, a liaison room for the police
                               ▲
              !regio ──────────┘

:mod:`bridge.regions.region` says what a region is; :mod:`bridge.regions.police_units` is the
division used when the configuration names none; :mod:`bridge.regions.records` is the database and
:class:`Regions` what everyone else reads; :mod:`bridge.regions.unit` says which police serve which.
"""

from bridge.regions.police_units import DEFAULT_REGIONS
from bridge.regions.region import NATIONWIDE, Region, RegionCode
from bridge.regions.regions import Regions
from bridge.regions.unit import PoliceUnit

__all__ = ["DEFAULT_REGIONS", "NATIONWIDE", "PoliceUnit", "Region", "RegionCode", "Regions"]
