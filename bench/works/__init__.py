"""What is measured: one function per work, which prepares it and returns the job.

Preparing (imports, compiling, files that must be there) is not measured, unless the work is cold: then its process is
measured from start to end. Ours and the competitors' are written to do the same work; `same` checks that they do.
"""
