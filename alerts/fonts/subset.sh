#!/bin/sh
# Cuts Noto Sans CJK SC to the characters that pictures can hold (characters.txt, kept equal to
# the vocabulary by a test). Needs Debian's fonts-noto-cjk and python3-fonttools.
set -eu
cd "$(dirname "$0")"
source=/usr/share/fonts/opentype/noto
for weight in Regular Bold; do
    # Face 2 of the collection is Simplified Chinese.
    /usr/bin/python3 -m fontTools.subset "$source/NotoSansCJK-$weight.ttc" \
        --font-number=2 --text-file=characters.txt --no-hinting --desubroutinize \
        --layout-features='kern' --name-IDs='0,1,2,3,4,5,6,13,14,16,17' --notdef-outline \
        --output-file="NotoSansCJKsc-$weight.subset.otf"
done
