"""The small words around a shape, in the languages that students write in. All are looked up at once.

A shape belongs to a name when nothing but LINKING stands between them: a wrong shape may then cost points.
"""

from __future__ import annotations

import re


def words(*lists: str) -> frozenset[str]:
    return frozenset(word for one in lists for word in one.split())


SHAPE = words(
    "shape size dim dims dimension dimensions dimensionality",
    "розмір розміру розміри розмірність розмірності розмірністю розміром форма форму форми формою",
    "размер размера размерность размерности форма форму формы",
    "גודל הגודל בגודל צורה הצורה צורת בצורה צורתו צורתה צורתם מימד המימד מימדים המימדים במימדים",
    "מסדר ממד הממד ממדים הממדים בממדים מימדי ממדי מידות במידות",
    "ზომა ზომის ფორმა ფორმის განზომილება განზომილების",
)
"""What says that a shape follows. `shape(X)`, `X.shape`, "X of size"."""


def is_shape_word(word: str) -> bool:
    """In Hebrew, "and" and "the" are written as part of the word."""
    return word in SHAPE or (word[:1] in ("ו", "ה", "ש") and word[1:] in SHAPE)


LINKING = SHAPE | words(
    "is are has have be will would should must a an the of with in its it s that which so therefore thus i e respectively",
    "matrix tensor array vector weight weights bias biases input batch real valued equal equals to given as by",
    "є має мати буде дорівнює відповідно це з із у в та матриця матрицю матриці тензор вектор масив ваг ваги вага зміщення зсув",
    "является имеет соответственно это с матрица тензор вектор матрицу весов",
    "הוא היא זה זו בהתאמה הם הן של עם יש לה לו בעל בעלת בעלי שווה תהיה יהיה מטריצה מטריצת המטריצה וקטור הווקטור הוקטור טנזור",
    "משקולות המשקולות קלט הקלט",
    "არის აქვს იქნება შესაბამისად მატრიცა მატრიცის ვექტორი ტენზორი",
)

AND = words("and та і й и ו და as well")
"""What joins two names."""

BEFORE_NAME = SHAPE | words(
    "is are the of for matrix tensor array vector weight weights input data batch bias",
    "для це матриця матриці матрицю тензор вектор ваг ваги зміщення",
    "для матрица матрицы вектор весов",
    "של עבור הוא היא זה מטריצה מטריצת המטריצה וקטור הקלט קלט",
    "არის მატრიცა",
)
"""Between a shape and the name behind it: "the m×10 matrix X", "(10, 50) is the shape of W_h"."""

DENYING = words(
    "not isn't isnt never rather than instead wrong aren't wasn't cannot can't neither nor no without unlike",
    "не ні замість а́ні аніж неправильно",
    "нет вместо",
    "לא אינו אינה איננו ולא במקום שגוי",
    "არ არა ნაცვლად",
)

CORRECTING = words(
    "actually sorry correction wait rather oops fixed",
    "точніше вірніше виправлення",
    "точнее",
    "סליחה תיקון בעצם",
    "უფრო",
)

OPERATING = words(
    "multiply multiplied multiplies multiplying times times product add added adds adding plus sum broadcast broadcasts broadcasted"
    " output outputs gives give gets yields produces dot result concatenated gradient"
    " minus divided kernel kernels parameters",
    "множимо множиться помножити помножена помножений помножені добуток додаємо додається додати",
    "результат вихід виходу градієнт дає",
    "умножаем умножается произведение результат выход",
    "כפול מכפלה מכפלת מוכפל מוכפלת כופלים מוסיפים פלט הפלט תוצאה התוצאה גרדיאנט חיבור מתקבל",
    "გამრავლება ნამრავლი შედეგი",
)
"""Where one of these stands between, the shape may be another thing's: nothing is read."""

RESULTING = words(
    "output outputs product result gradient gradients derivative activation activations times sum",
    "вихід виходу виходом добуток добутку результат градієнт градієнта активація активації похідна",
    "выход выхода произведение результат градиент",
    "פלט הפלט מכפלה מכפלת המכפלה תוצאה התוצאה תוצאת גרדיאנט הגרדיאנט נגזרת",
)
"""Right before a name: something else than the thing named has the shape that follows."""

EQUATING = re.compile(
    r"[\s()\[\],]*(?:=+|≡|/|\b(?:or|alternatively|otherwise|או|або|чи|или|ან)\b(?:,?\s+[^\W\d_]+){0,4}?"
    r"|\balso\b|\bi\.?\s?e\.?|\bthat is\b|\bequivalently\b|\bthe same as\b"
    r"|\bтобто\b|כלומר)[\s()\[\],:]*",
    re.IGNORECASE,
)
"""Between two shapes of one thing: the same, or one that is offered in place of the other."""

TOGETHER = re.compile(
    r"\s*(?:,\s*(?:and|та|і|и)?|;|&|\band\b|\bта\b|\bі\b|\bи\b|\bй\b|(?<!\w)ו-?|და)\s*", re.IGNORECASE
)
"""Between the names, and between the shapes, of a list."""
