"""What stands in front of the items of a list."""

import re

BULLETS = "-*+\u2022\u2023\u25aa\u25e6\u25b8\u25ba\u00b7\u2013\u2014\u2713\u2714\u2705\u2611\u2610"
LIST_MARK = rf"(?:[{BULLETS}]|\(?(?:\d{{1,3}}|[A-Za-z]|[ivx]{{1,4}})[.)])"
# Numbers in circles and those of Chinese, behind which no space stands, and the ordinals of Arabic.
NUMBERS_WITHOUT_SPACE = (
    "(?:[\u2460-\u2473\u2776-\u2793]|[\uff08(]?[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]{1,3}[\u3001\uff0e\uff09)]"
    "|\u7b2c[\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]{1,3}[\u6b65\u70b9\u6761]?[\uff0c\u3001\uff1a:]"
    "|\\d{1,2}[\u3001\uff0e]|(?:\u0623\u0648\u0644|\u062b\u0627\u0646\u064a|\u062b\u0627\u0644\u062b|\u0631\u0627\u0628\u0639|\u062e\u0627\u0645\u0633)"
    "(?:\u0627\u064b|\u064b\u0627|\u0627)[:\u060c])"
)
LIST_ITEM = re.compile(rf"[\s>]*(?:{LIST_MARK}\s+|{NUMBERS_WITHOUT_SPACE}\s*)\S")
BARE_LIST_MARK = re.compile(rf"[\s>]*{LIST_MARK}$")
