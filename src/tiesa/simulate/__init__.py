"""A made-up company with known truth: demo, statistical tests and benchmarks use the same one.

Telecom and bank in six languages: customers, contacts, surveys, costs, leaving - and a file that says which
situations truly make customers leave, by how much, and which only look so. May import `core`.
"""

from tiesa.simulate.company import Company
from tiesa.simulate.making import Simulated, simulate

__all__ = ["Company", "Simulated", "simulate"]
