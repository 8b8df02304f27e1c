"""The raw formats: records in, files out as the source ships them; the same bytes every time.

Each writer gets a random generator (for damage to bytes), the records and the source's folder, and
returns where each record went: the file's name below that folder, and the record's position in it.
"""
