"""Facts -> Plan: cuts, stage names, interfaces, parameters, and where definitions live."""

from .model import NO_WISH, Definition, OrderName, Parameter, Plan, StagePlan, Wish
from .plan import plan

__all__ = ["NO_WISH", "Definition", "OrderName", "Parameter", "Plan", "StagePlan", "Wish", "plan"]
