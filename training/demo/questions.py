"""What can be asked of a scene, with the one right answer: prompts and answers as the engine has them."""

from dataclasses import dataclass, field

import numpy as np

from .drawing import Box, Scene, Shape
from .languages import BY_CODE, LANGUAGES, color_name, join, plural_name, shape_name, with_a, with_the
from .vocabulary import COLOR_NAMES, SHAPES

LAST_LOCATION = 1023  # location tokens run from 0 to this


@dataclass
class Case:
    """One request. `fields` name it for the evaluation set; `found` are the things a box answer names.

    A found thing is (label, index of the shape in the scene); index -1 stands for the text.
    """

    task: str
    prompt: str
    answer: str = ""
    fields: dict = field(default_factory=dict)
    found: list[tuple[str, int]] = field(default_factory=list)


def describe(scene: Scene, language: str, length: str) -> Case:
    words = BY_CODE[language]
    shapes = [with_a(language, shape.shape, shape.color) for shape in scene.shapes]
    # The words themselves are left to ocr: a description stays right when a letter is misread.
    printed = words.printed[len(scene.text.words) - 1] if scene.text else ""
    if length == "short":
        answer = join(language, [*shapes, *([printed] if printed else [])])
    else:
        with_shapes, and_text, text_alone = words.long
        answer = (with_shapes if shapes else text_alone).format(
            count=words.numbers[len(shapes) - 1],
            background=words.backgrounds[scene.background],
            shapes=join(language, shapes) if shapes else "",
            printed=printed,
        )
        if shapes and printed:
            answer += and_text.format(printed=printed)
    prompt = f"{'caption' if length == 'short' else 'describe'} {language}"
    return Case("describe", prompt, answer, {"language": language, "length": length})


def ocr(scene: Scene) -> Case:
    return Case("ocr", "ocr", scene.text.content if scene.text else "")


def _matches(shape: Shape, name: str) -> bool:
    return name in ("shape", shape.shape, shape.label, f"{shape.color} shape")


def find(scene: Scene, names: list[str], task: str) -> Case:
    """detect or segment: by queried name, then left to right."""
    found = []
    for name in names:
        if name == "text":
            found += [(name, -1)] if scene.text else []
        else:
            found += [(name, i) for i, shape in enumerate(scene.shapes) if _matches(shape, name)]
    return Case(task, f"{task} {' ; '.join(names)}", "", {"objects": names}, found)


def location_numbers(box: Box, scene: Scene) -> list[int]:
    """y1 x1 y2 x2 of a box in picture pixels as 0..1023."""
    x1, y1, x2, y2 = box
    parts = (y1 / scene.height, x1 / scene.width, y2 / scene.height, x2 / scene.width)
    return [min(LAST_LOCATION, max(0, round(part * LAST_LOCATION))) for part in parts]


def box_answer(case: Case, scene: Scene, mask_codes: list[list[int]] | None) -> str:
    """The answer of detect, or of segment when the codes of every shape's mask are given."""
    items = []
    for label, index in case.found:
        box = scene.text.box if index < 0 else scene.shapes[index].box
        item = "".join(f"<loc{number:04}>" for number in location_numbers(box, scene))
        if mask_codes is not None:
            item += "".join(f"<seg{code:03}>" for code in mask_codes[index])
        items.append(f"{item} {label}")
    return " ; ".join(items)


def ask(scene: Scene, rng: np.random.Generator) -> Case:
    """A random question that has one clear answer."""
    language = "en" if rng.random() < 0.85 else LANGUAGES[1 + rng.integers(3)]
    for _ in range(20):
        kind = KINDS[rng.integers(len(KINDS) if language == "en" else OF_EVERY_LANGUAGE)]
        pair = kind(scene, rng, language)
        if pair:
            question, answer = pair
            return _asked(rng, language, question, answer)
    question, answer = _count(scene, rng, language)
    return _asked(rng, language, question, answer)


def _asked(rng: np.random.Generator, language: str, question: str, answer: str) -> Case:
    style = rng.random()
    if style < 0.25:
        question = question[0].upper() + question[1:]
    if rng.random() < 0.4:
        question = f"¿{question}?" if language == "es" and rng.random() < 0.5 else question + "?"
    fields = {"question": question, "language": language}
    return Case("ask", f"answer {language} {question}", answer, fields)


def _pick(rng: np.random.Generator, options):
    return options[rng.integers(len(options))]


def _once(scene: Scene, name: str) -> Shape | None:
    found = [shape for shape in scene.shapes if _matches(shape, name)]
    return found[0] if len(found) == 1 else None


def _color(scene: Scene, rng, language: str):
    if not scene.shapes:
        return None
    shape = _pick(rng, scene.shapes)
    if not _once(scene, shape.shape):
        return None
    template = _pick(rng, BY_CODE[language].color_questions)
    name = shape_name(language, shape.shape)
    return template.format(shape=name, the_shape=with_the(language, shape.shape)), color_name(language, shape.color)


def _count(scene: Scene, rng, language: str):
    words = BY_CODE[language]
    if rng.random() < 0.5:
        return _pick(rng, words.count_questions), str(len(scene.shapes))
    shape = _pick(rng, scene.shapes).shape if scene.shapes and rng.random() < 0.75 else _pick(rng, SHAPES)
    template = _pick(rng, words.count_shape_questions)
    if language == "es" and shape in ("star", "cross"):
        template = template.replace("cuántos", "cuántas")
    question = template.format(shapes=plural_name(language, shape))
    return question, str(sum(each.shape == shape for each in scene.shapes))


def _exists(scene: Scene, rng, language: str):
    color = _pick(rng, COLOR_NAMES) if rng.random() < 0.6 else None
    shape = _pick(rng, SHAPES)
    if scene.shapes and rng.random() < 0.6:
        there = _pick(rng, scene.shapes)
        shape = there.shape
        if color and rng.random() < 0.75:
            color = there.color
    right = any(each.shape == shape and color in (None, each.color) for each in scene.shapes)
    words = BY_CODE[language]
    question = _pick(rng, words.exists_questions).format(a_shape=with_a(language, shape, color))
    return question, words.yes if right else words.no


def _shape_of_color(scene: Scene, rng, language: str):
    if not scene.shapes:
        return None
    shape = _pick(rng, scene.shapes)
    if not _once(scene, f"{shape.color} shape"):
        return None
    question = _pick(rng, ("what shape is {}", "what is the {} shape"))
    return question.format(shape.color), shape.shape


def _outermost(scene: Scene, rng, language: str):
    if len(scene.shapes) < 2:
        return None
    side = _pick(rng, ("left", "right"))
    question = _pick(rng, ("which shape is on the {}",))
    return question.format(side), scene.shapes[0 if side == "left" else -1].label


def _printed(scene: Scene, rng, language: str):
    # Reading is asked often enough by ocr.
    if not scene.text or rng.random() < 0.6:
        return None
    questions = ("what does the sign say", "what does it say")
    return _pick(rng, questions), scene.text.content


def _any_text(scene: Scene, rng, language: str):
    return _pick(rng, ("is there any text", "is there text")), "yes" if scene.text else "no"


KINDS = (_color, _count, _exists, _shape_of_color, _outermost, _printed, _any_text)
OF_EVERY_LANGUAGE = 3


def random_names(scene: Scene, rng: np.random.Generator, task: str, present: float = 0.75) -> list[str]:
    """One to three things to look for; `present` of them are taken from what is there."""
    names: list[str] = []
    for _ in range(_pick(rng, (1, 1, 1, 1, 2, 2, 3)) if task == "detect" else 1):
        there = _pick(rng, scene.shapes) if scene.shapes and rng.random() < present else None
        color = there.color if there else _pick(rng, COLOR_NAMES)
        shape = there.shape if there else _pick(rng, SHAPES)
        form = rng.random()
        name = f"{color} {shape}" if form < 0.5 else shape if form < 0.8 else f"{color} shape"
        if form > 0.9 and task == "detect":
            name = "shape" if form < 0.95 else "text"
        # In a picture of nothing but words most questions would have the same empty answer.
        if not scene.shapes and task == "detect" and rng.random() < 0.6:
            name = "text"
        if name not in names:
            names.append(name)
    return names


def random_case(scene: Scene, rng: np.random.Generator) -> Case:
    """A request of a random kind, weighted by how hard its kind is to learn."""
    draw = rng.random()
    if scene.text and draw < 0.25:
        return ocr(scene)
    if not scene.text and draw < 0.02:
        return ocr(scene)
    # Where there are no shapes there is little to find.
    draw = rng.random() if scene.shapes or rng.random() < 0.4 else rng.uniform(0.42, 1.0)
    if draw < 0.32:
        return find(scene, random_names(scene, rng, "detect", 0.85), "detect")
    if draw < 0.42:
        return find(scene, random_names(scene, rng, "segment", 0.85), "segment")
    if draw < 0.75:
        return ask(scene, rng)
    language = "en" if rng.random() < 0.75 else LANGUAGES[1 + rng.integers(3)]
    return describe(scene, language, "short" if rng.random() < 0.7 else "long")
