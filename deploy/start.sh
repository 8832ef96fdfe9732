#!/bin/sh
# Settings may be files: MESOGUIDE_DB_FILE=/run/secrets/db says where the value of MESOGUIDE_DB is.
set -eu
for name in $(env | sed -n 's/^\(MESOGUIDE_[A-Z_]*\)_FILE=.*/\1/p'); do
    eval "file=\$${name}_FILE"
    [ -r "$file" ] || { echo "${name}_FILE names $file, which cannot be read." >&2; exit 1; }
    export "$name=$(cat "$file")"
done
exec "$@"
