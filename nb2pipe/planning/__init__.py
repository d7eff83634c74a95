"""Facts -> Plan: cuts, stage names, interfaces, parameters, and where definitions live."""

from .model import Definition, Parameter, Plan, StagePlan, Wish
from .plan import plan

__all__ = ["Definition", "Parameter", "Plan", "StagePlan", "Wish", "plan"]
