# %% [markdown]
# # Peak days
#
# The same town as in the time series, kept as a script with cells: it is easier to review.

# %%
from dataclasses import dataclass

import pandas as pd

PEAK_QUANTILE = 0.95

# %% Load the demand
demand = pd.read_csv("demand.csv", parse_dates=["date"], index_col="date")["demand_mwh"].dropna()
print(len(demand), "days")

# %% Find the peaks
threshold = demand.quantile(PEAK_QUANTILE)
peaks = demand[demand > threshold]
print(f"{len(peaks)} days above {threshold:.1f} MWh")


# %% [markdown]
# ## Groups of days
# Peaks come in cold spells. Days with a gap of at most three belong together.

# %% Group them
@dataclass
class Spell:
    """Peak days that belong together."""

    days: list

    def __str__(self):
        return f"{self.days[0]:%d %b %Y} to {self.days[-1]:%d %b %Y}, {len(self.days)} peaks"


spells = []
for day in peaks.index:
    if spells and (day - spells[-1].days[-1]).days <= 3:
        spells[-1].days.append(day)
    else:
        spells.append(Spell([day]))
print(len(spells), "spells")

# %% Show the longest
longest = sorted(spells, key=lambda spell: -len(spell.days))[:3]
for spell in longest:
    print(spell)
