"""Make the data that lies beside the sample notebooks: invented, seeded, the same on every machine."""

import csv
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
Row = Sequence[object]


def write_csv(place: str, header: Row, rows: Iterable[Row]) -> None:
    """Write one table below this folder."""
    path = HERE / place
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def customers(rng: random.Random) -> Iterator[Row]:
    """Customers of a telephone company; some left, and some fields were never filled in."""
    for number in range(1, 601):
        contract = rng.choices(["monthly", "yearly", "two years"], [5, 3, 2])[0]
        tenure = rng.randint(0, 72)
        calls = min(9, int(rng.expovariate(0.7)))
        charges = round(rng.gauss(68 if contract == "monthly" else 55, 18), 2)
        score = (
            -1.3 + 0.5 * calls - 0.04 * tenure + 0.015 * charges + (0.9 if contract == "monthly" else -0.6)
        )
        left = int(rng.random() < 1 / (1 + math.exp(-score)))
        region = rng.choice(["North", "South", "east", "West"])
        yield [
            f"C{number:04d}",
            tenure if rng.random() > 0.04 else "",
            contract,
            charges if rng.random() > 0.05 else "",
            calls,
            region,
            left,
        ]


def demand(rng: random.Random) -> Iterator[Row]:
    """Electricity demand of a town, a value a day over two years, three days lost."""
    lost = {date(2022, 7, 4), date(2022, 7, 5), date(2023, 2, 11)}
    for offset in range(730):
        day = date(2022, 1, 1) + timedelta(days=offset)
        season = 45 * math.cos(2 * math.pi * (offset - 15) / 365.25)
        weekend = -38 if day.weekday() >= 5 else 0
        value = 410 + 0.03 * offset + season + weekend + rng.gauss(0, 9)
        yield [day.isoformat(), "" if day in lost else round(value, 1)]


TICKETS = {
    "billing": (
        ["I was charged twice for", "The invoice is wrong for", "Please refund", "My card was declined for"],
        ["my monthly plan", "the last invoice", "an extra seat", "the annual subscription"],
    ),
    "login": (
        [
            "I cannot sign in to",
            "The password reset fails for",
            "My account is locked on",
            "Two factor code is refused by",
        ],
        ["the web app", "my phone", "the team workspace", "the new laptop"],
    ),
    "bug": (
        [
            "The page crashes after",
            "An error appears during",
            "Nothing happens on",
            "The export is empty after",
        ],
        ["the last update", "uploading a file", "clicking save", "opening the report"],
    ),
}
CLOSINGS = ["Please help.", "Thanks in advance.", "This is urgent.", "It worked yesterday.", "Any idea?", ""]


def tickets(rng: random.Random) -> Iterator[Row]:
    """Support tickets with their topic: some speak of two things, some were sorted wrongly."""
    topics = list(TICKETS)
    for number in range(1, 361):
        topic = rng.choice(topics)
        opening = rng.choice(TICKETS[topic if rng.random() > 0.15 else rng.choice(topics)][0])
        thing = rng.choice(TICKETS[topic if rng.random() > 0.3 else rng.choice(topics)][1])
        label = topic if rng.random() > 0.04 else rng.choice(topics)
        yield [number, f"{opening} {thing}. {rng.choice(CLOSINGS)}".strip(), label]


def readings(rng: random.Random) -> Iterator[Row]:
    """Temperatures of four machines; two run hot now and then."""
    start = datetime.fromisoformat("2024-03-01T00:00")
    for step in range(240):
        for machine, level in (("press", 61), ("mixer", 48), ("oven", 183), ("pump", 39)):
            hot = 14 if machine in {"press", "pump"} and rng.random() < 0.03 else 0
            moment = start + timedelta(minutes=15 * step)
            yield [moment.isoformat(timespec="minutes"), machine, round(rng.gauss(level + hot, 2.2), 2)]


def houses(rng: random.Random, count: int, *, priced: bool) -> Iterator[Row]:
    """Houses for sale, with a price where it is known."""
    for number in range(count):
        area = round(rng.gauss(118, 34), 1)
        rooms = max(1, round(area / 27 + rng.gauss(0, 0.8)))
        garden = rng.choice(["none", "small", "large"])
        year = rng.randint(1925, 2021) if rng.random() > 0.08 else ""
        bonus = {"none": 0, "small": 14, "large": 33}[garden]
        price = round(2.1 * area + 9 * rooms + bonus + rng.gauss(0, 16), 1)
        yield [number, area, rooms, garden, year, *([price] if priced else [])]


def access_log(rng: random.Random, day: date) -> Iterator[str]:
    """One day of a web server's log."""
    moment = datetime.combine(day, datetime.min.time())
    for _ in range(80):
        moment += timedelta(seconds=rng.randint(60, 1900))
        path = rng.choice(["/", "/about", "/api/items", "/api/orders", "/login"])
        status = rng.choices([200, 304, 404, 500], [80, 10, 7, 3])[0]
        yield f"{moment.isoformat()} {status} {rng.randint(3, 900)}ms {path}"


def sales(rng: random.Random) -> Iterator[Row]:
    """Sales by region and month over two years."""
    for year in (2023, 2024):
        for month in range(1, 13):
            for region, level in (("north", 120), ("south", 95), ("west", 143)):
                units = int(level * (1 + 0.2 * math.sin(month / 2)) * rng.uniform(0.85, 1.15))
                yield [f"{year}-{month:02d}", region, units, round(units * rng.uniform(18, 22), 2)]


def visits(rng: random.Random) -> Iterator[Row]:
    """Visits of two variants of a page, and whether the visitor signed up."""
    for visitor in range(1, 901):
        variant = rng.choice("AB")
        yield [
            visitor,
            variant,
            int(rng.random() < (0.11 if variant == "A" else 0.15)),
            round(rng.expovariate(1 / 40), 1),
        ]


def receipts(rng: random.Random) -> Iterator[Row]:
    """Receipts of a shop's three tills."""
    for number in range(1, 121):
        yield [number, rng.choice("ABC"), rng.randint(100, 9000) / 100]


def main() -> None:
    """Write every file again."""
    rng = random.Random
    write_csv(
        "churn/customers.csv",
        ["id", "tenure", "contract", "charges", "support_calls", "region", "churn"],
        customers(rng(1)),
    )
    write_csv("time_series/demand.csv", ["date", "demand_mwh"], demand(rng(2)))
    write_csv("text_classification/tickets.csv", ["ticket", "text", "topic"], tickets(rng(3)))
    write_csv("functions_with_globals/readings.csv", ["time", "machine", "celsius"], readings(rng(4)))
    columns = ["id", "area", "rooms", "garden", "built"]
    write_csv("aliases_inplace/train.csv", [*columns, "price"], houses(rng(5), 240, priced=True))
    write_csv("aliases_inplace/test.csv", columns, houses(rng(6), 60, priced=False))
    write_csv("params_tagged/sales.csv", ["month", "region", "units", "revenue"], sales(rng(7)))
    write_csv("no_seed/visits.csv", ["visitor", "variant", "signed_up", "seconds"], visits(rng(8)))
    write_csv("saved_out_of_order/visits.csv", ["visitor", "variant", "signed_up", "seconds"], visits(rng(9)))
    write_csv("percent_script/demand.csv", ["date", "demand_mwh"], demand(rng(10)))
    write_csv("shadowed_builtins/receipts.csv", ["receipt", "till", "amount"], receipts(rng(11)))
    for number, day in enumerate([date(2024, 5, 6), date(2024, 5, 7), date(2024, 5, 8)]):
        path = HERE / "magics_and_shell" / "logs" / f"{day.isoformat()}.log"
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = access_log(rng(20 + number), day)
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
