"""One person's data: found, exported, erased; what they agreed or objected to; how long each kind of data is kept."""
