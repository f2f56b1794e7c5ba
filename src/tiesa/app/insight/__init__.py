"""What the data say: today, journeys, customers, touchpoints. Every page asks the library within the person's scope."""
