"""The application: pages, intake and people's records, on Django, standing on the library.

One folder per kind of people's work. In each, `views` are thin, a use case is a plain function in `work`, who may do
what is said by `people.policies`, and models hold data with their invariants. Figures come from the library within the
person's `Scope`; nothing is filtered afterwards.
"""
