"""The questions of the company's studies, and how an answer follows from how satisfied the customer is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tiesa.simulate.company import Floats


@dataclass(frozen=True)
class Question:
    """One question: its words, what it measures, the scale, and how it follows from the satisfaction 0 to 10."""

    words: str
    kind: str
    low: int
    high: int
    asked: float = 1.0
    noise: float = 0.5

    @property
    def scale(self) -> str:
        return f"{self.low}-{self.high}"

    def value(self, score: Floats, noise: Floats) -> Floats:
        span = self.high - self.low
        return np.clip(np.round(self.low + span * (score + self.noise * noise) / 10), self.low, self.high)


AFTER_JOURNEY = (
    Question("How satisfied are you, all in all?", "overall", 0, 10, noise=0.0),
    Question("How satisfied are you with how we served you?", "service_quality", 1, 5),
    Question("How easy was it to have your question solved?", "effort", 1, 7, asked=0.8),
    Question("Was your question solved?", "solved", 0, 1, asked=0.8),
    Question("How did you feel?", "emotion", 1, 5, asked=0.5),
    Question("Was it as you had expected?", "expectation", 1, 5, asked=0.4, noise=1.0),
)
RELATIONSHIP = (
    Question("Would you recommend us to family, friends and acquaintances?", "recommendation", 0, 10, noise=0.8),
    Question("How satisfied are you with us, all in all?", "overall", 0, 10, noise=0.0),
    Question("How satisfied are you with the product?", "product", 1, 5, noise=1.0),
)
OPEN = "What else would you like to tell us?"
OPEN_SHARE = 0.5
OPEN_QUESTION = Question(OPEN, "open", 0, 0)
REVIEW = Question("Review on a public page", "overall", 1, 5)
WORKPLACE = Question("Do you have what you need to serve customers well?", "service_quality", 1, 5)
COUNTER = Question("Was the visit as our standard asks?", "service_quality", 1, 5)
QUESTIONS = (*AFTER_JOURNEY, *RELATIONSHIP, OPEN_QUESTION, REVIEW, WORKPLACE, COUNTER)
OPEN_NUMBER = QUESTIONS.index(OPEN_QUESTION)
REVIEW_NUMBER = QUESTIONS.index(REVIEW)
