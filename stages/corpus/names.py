"""Invented people, cities and companies: Faker's, from a fixed seed."""

from dataclasses import dataclass

from faker import Faker

PEOPLE, CITIES, COMPANIES = 400, 70, 300
HELD_OUT = 5  # one name of so many is kept for evaluation
LEGAL_FORMS = ("주식회사 ", "유한회사 ", "(주) ", "(유) ")


@dataclass(frozen=True)
class Names:
    people: list[str]  # full names, such as 홍정훈
    given: list[str]  # given names alone, such as 정훈
    cities: list[str]
    companies: list[str]  # without their legal form

    @classmethod
    def of_seed(cls, seed: int) -> "Names":
        faker = Faker("ko_KR")
        faker.seed_instance(seed)
        people = _distinct(faker.name, PEOPLE)
        return cls(
            people=people,
            given=sorted({name[1:] for name in people}),
            cities=_distinct(faker.city, CITIES),
            companies=_distinct(lambda: _plain(faker.company()), COMPANIES),
        )

    def split(self) -> "tuple[Names, Names]":
        """Names for the corpus, and names that only evaluation items use: a fifth of all.

        No given name, city or company is in both.
        """
        given = set(self.given[::HELD_OUT])
        cities, companies = set(self.cities[::HELD_OUT]), set(self.companies[::HELD_OUT])

        def part(held_out: bool) -> Names:
            return Names(
                people=[name for name in self.people if (name[1:] in given) is held_out],
                given=[name for name in self.given if (name in given) is held_out],
                cities=[name for name in self.cities if (name in cities) is held_out],
                companies=[name for name in self.companies if (name in companies) is held_out],
            )

        return part(False), part(True)


def _plain(company: str) -> str:
    for form in LEGAL_FORMS:
        company = company.removeprefix(form)
    return company


def _distinct(draw, count: int) -> list[str]:
    """The first ``count`` different values of ``draw``, in the order of their appearance."""
    values: dict[str, None] = {}
    while len(values) < count:
        values[draw()] = None
    return list(values)
