"""How each language names shapes and colours, asks and describes.

Grammar here is only what the demo's few sentences need: the gender of a shape decides the article
and the form of the colour.
"""

from dataclasses import dataclass

LANGUAGES = ("en", "zh", "es", "fr")

_SPANISH_SHAPES = {
    "circle": "círculo",
    "square": "cuadrado",
    "triangle": "triángulo",
    "star": "estrella",
    "diamond": "rombo",
    "cross": "cruz",
}
_FRENCH_SHAPES = {
    "circle": "cercle",
    "square": "carré",
    "triangle": "triangle",
    "star": "étoile",
    "diamond": "losange",
    "cross": "croix",
}
_FEMININE = ("star", "cross")  # in Spanish and in French alike
_CHINESE_SHAPES = {
    "circle": "圆形",
    "square": "正方形",
    "triangle": "三角形",
    "star": "星形",
    "diamond": "菱形",
    "cross": "十字形",
}
_SPANISH_COLORS = {
    "red": "rojo",
    "green": "verde",
    "blue": "azul",
    "yellow": "amarillo",
    "orange": "naranja",
    "purple": "morado",
    "white": "blanco",
    "black": "negro",
}
_FRENCH_COLORS = {
    "red": "rouge",
    "green": "vert",
    "blue": "bleu",
    "yellow": "jaune",
    "orange": "orange",
    "purple": "violet",
    "white": "blanc",
    "black": "noir",
}
_FRENCH_FEMININE_COLORS = {
    **_FRENCH_COLORS,
    "green": "verte",
    "blue": "bleue",
    "purple": "violette",
    "white": "blanche",
    "black": "noire",
}
_CHINESE_COLORS = {
    "red": "红色",
    "green": "绿色",
    "blue": "蓝色",
    "yellow": "黄色",
    "orange": "橙色",
    "purple": "紫色",
    "white": "白色",
    "black": "黑色",
}


@dataclass(frozen=True)
class Language:
    """The sentences of one language; {names in braces} are filled in."""

    yes: str
    no: str
    printed: tuple[str, str]  # what a description calls one printed word, and two
    last_joiner: str
    joiner: str
    numbers: tuple[str, ...]  # "one shape", "two shapes" ...
    backgrounds: dict[str, str]
    long: tuple[str, str, str]  # with shapes, what is added for text, with text alone
    color_questions: tuple[str, ...]
    count_questions: tuple[str, ...]
    count_shape_questions: tuple[str, ...]
    exists_questions: tuple[str, ...]


EN = Language(
    yes="yes",
    no="no",
    printed=("a printed word", "two printed words"),
    last_joiner=" and ",
    joiner=", ",
    numbers=("one shape", "two shapes", "three shapes", "four shapes"),
    backgrounds={
        "plain": "a plain",
        "gradient": "a gradient",
        "striped": "a striped",
        "checked": "a checked",
        "textured": "a textured",
    },
    long=(
        "The picture shows {count} on {background} background: {shapes}.",
        " It also has {printed}.",
        "The picture shows {printed} on {background} background.",
    ),
    color_questions=("what color is the {shape}", "what colour is the {shape}"),
    count_questions=("how many shapes are there",),
    count_shape_questions=("how many {shapes} are there",),
    exists_questions=("is there {a_shape}",),
)
ZH = Language(
    yes="有",
    no="没有",
    printed=("一个词", "两个词"),
    last_joiner="和",
    joiner="、",
    numbers=("一个形状", "两个形状", "三个形状", "四个形状"),
    backgrounds={"plain": "纯色", "gradient": "渐变", "striped": "条纹", "checked": "格子", "textured": "纹理"},
    long=("图中有{count},背景是{background}:{shapes}。", "还有{printed}。", "图中有{printed},背景是{background}。"),
    color_questions=("{shape}是什么颜色",),
    count_questions=("有几个形状",),
    count_shape_questions=("有几个{shapes}",),
    exists_questions=("有{a_shape}吗",),
)
ES = Language(
    yes="sí",
    no="no",
    printed=("una palabra escrita", "dos palabras escritas"),
    last_joiner=" y ",
    joiner=", ",
    numbers=("una forma", "dos formas", "tres formas", "cuatro formas"),
    backgrounds={
        "plain": "liso",
        "gradient": "degradado",
        "striped": "a rayas",
        "checked": "a cuadros",
        "textured": "con textura",
    },
    long=(
        "La imagen muestra {count} sobre un fondo {background}: {shapes}.",
        " También tiene {printed}.",
        "La imagen muestra {printed} sobre un fondo {background}.",
    ),
    color_questions=("de qué color es {the_shape}",),
    count_questions=("cuántas formas hay",),
    count_shape_questions=("cuántos {shapes} hay",),
    exists_questions=("hay {a_shape}",),
)
FR = Language(
    yes="oui",
    no="non",
    printed=("un mot écrit", "deux mots écrits"),
    last_joiner=" et ",
    joiner=", ",
    numbers=("une forme", "deux formes", "trois formes", "quatre formes"),
    backgrounds={
        "plain": "uni",
        "gradient": "dégradé",
        "striped": "rayé",
        "checked": "à carreaux",
        "textured": "texturé",
    },
    long=(
        "L'image montre {count} sur un fond {background} : {shapes}.",
        " Elle porte aussi {printed}.",
        "L'image montre {printed} sur un fond {background}.",
    ),
    color_questions=("de quelle couleur est {the_shape}",),
    count_questions=("combien de formes y a-t-il",),
    count_shape_questions=("combien de {shapes} y a-t-il",),
    exists_questions=("y a-t-il {a_shape}",),
)
BY_CODE = {"en": EN, "zh": ZH, "es": ES, "fr": FR}


def shape_name(language: str, shape: str) -> str:
    names = {"zh": _CHINESE_SHAPES, "es": _SPANISH_SHAPES, "fr": _FRENCH_SHAPES}
    return names[language][shape] if language in names else shape


def plural_name(language: str, shape: str) -> str:
    name = shape_name(language, shape)
    if language == "zh":
        return name
    if name == "cruz":
        return "cruces"
    if name == "croix":
        return name
    return name + ("es" if name == "cross" else "s")


def color_name(language: str, color: str) -> str:
    names = {"zh": _CHINESE_COLORS, "es": _SPANISH_COLORS, "fr": _FRENCH_COLORS}
    return names[language][color] if language in names else color


def with_the(language: str, shape: str) -> str:
    """ "el círculo", "l'étoile"; English and Chinese templates do without."""
    name = shape_name(language, shape)
    if language == "es":
        return f"{'la' if shape in _FEMININE else 'el'} {name}"
    if language == "fr":
        return f"l'{name}" if name.startswith("é") else f"{'la' if shape in _FEMININE else 'le'} {name}"
    return name


def with_a(language: str, shape: str, color: str | None = None) -> str:
    """ "a red circle", "una estrella roja", "红色圆形"; without a colour "a circle"."""
    name = shape_name(language, shape)
    if language == "zh":
        return _CHINESE_COLORS[color] + name if color else name
    if language == "en":
        first = color or name
        return f"{'an' if first == 'orange' else 'a'} {color + ' ' if color else ''}{name}"
    feminine = shape in _FEMININE
    if language == "es":
        tint = _SPANISH_COLORS[color] if color else ""
        if feminine and tint.endswith("o"):
            tint = tint[:-1] + "a"
        return f"{'una' if feminine else 'un'} {name} {tint}".rstrip()
    tint = (_FRENCH_FEMININE_COLORS if feminine else _FRENCH_COLORS)[color] if color else ""
    return f"{'une' if feminine else 'un'} {name} {tint}".rstrip()


def join(language: str, parts: list[str]) -> str:
    words = BY_CODE[language]
    return parts[0] if len(parts) == 1 else words.joiner.join(parts[:-1]) + words.last_joiner + parts[-1]
