"""Pictures that show no digit, drawn by seed, for measuring alone: no training may use them."""

from pathlib import Path

import numpy
import skimage.data
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from scipy.interpolate import CubicSpline
from scipy.ndimage import center_of_mass, gaussian_filter

from idx import folder_of, read

# Side of a page, and of a finished image, in pixels.
PAGE = 112
SIDE = 28
# The larger side of a character in MNIST's form.
CHARACTER = 20
# Letters that look like digits are counted apart.
LIKE_DIGITS = "oOiIlzZsSbBgqQD"
LETTERS = [chr(code) for start in "Aa" for code in range(ord(start), ord(start) + 26)]
FONT_FOLDER = Path("/usr/share/fonts")
# Debian's packages of these fonts.
FONT_PACKAGES = (
    "fonts-breip fonts-bwht fonts-comic-neue fonts-dancingscript fonts-dejavu-core fonts-dkg-handwriting "
    "fonts-ecolier-court fonts-femkeklaver fonts-humor-sans fonts-klee fonts-kristi fonts-rufscript fonts-sjfonts "
    "fonts-tomsontalks"
)
FONTS = [
    "opentype/bwht/BecauseWeBuild-Regular.otf",
    "opentype/bwht/BecauseWeConnect-Regular.otf",
    "opentype/bwht/BecauseWeCreate-Regular.otf",
    "opentype/bwht/BecauseWeLearn-Regular.otf",
    "opentype/bwht/BecauseWeMentor-Regular.otf",
    "opentype/bwht/BecauseWeOrganize-Regular.otf",
    "opentype/comic-neue/ComicNeue-Light.otf",
    "opentype/comic-neue/ComicNeue-Regular.otf",
    "opentype/dancingscript/DancingScript-Regular.otf",
    "truetype/breip/Breip.ttf",
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/dejavu/DejaVuSerif-Italic.ttf",
    "truetype/ecolier-court/Ecolier-court.ttf",
    "truetype/femkeklaver/femkeklaver.ttf",
    "truetype/fifthhorseman/dkg.ttf",
    "truetype/humor-sans/Humor-Sans.ttf",
    "truetype/klee/KleeOne-Regular.ttf",
    "truetype/kristi/Kristi.ttf",
    "truetype/rufscript/Rufscript010.ttf",
    "truetype/sjfonts/Delphine.ttf",
    "truetype/sjfonts/SteveHand.ttf",
    "truetype/tomsontalks/TomsonTalks.ttf",
]
PHOTOS = [
    "astronaut", "brick", "camera", "cell", "chelsea", "coffee", "coins", "grass", "gravel", "hubble_deep_field",
    "immunohistochemistry", "moon", "retina", "rocket",
]  # fmt: skip


def mnist_form(page):
    """Light ink on black, 0 to 255, as a finished image: the ink scaled to 20 pixels, its centre of mass central."""
    rows, columns = (numpy.flatnonzero(page.max(axis=axis) > 64) for axis in (1, 0))
    ink = Image.fromarray(page).crop((columns[0], rows[0], columns[-1] + 1, rows[-1] + 1))
    scale = CHARACTER / max(ink.size)
    size = [max(1, round(scale * side)) for side in ink.size]
    ink = numpy.asarray(ink.resize(size, Image.Resampling.BOX), float)
    ink *= 255 / ink.max()
    place = [round((SIDE - 1) / 2 - centre) for centre in center_of_mass(ink)]
    place = [min(max(0, start), SIDE - length) for start, length in zip(place, ink.shape, strict=True)]
    image = numpy.zeros((SIDE, SIDE))
    image[place[0] : place[0] + ink.shape[0], place[1] : place[1] + ink.shape[1]] = ink
    return image.round().astype(numpy.uint8)


def letter(random, letters):
    """A letter of a font, turned, slanted and with a pen of another width; light on black."""
    font = ImageFont.truetype(FONT_FOLDER / random.choice(FONTS), 150)
    text = str(random.choice(letters))
    box = font.getbbox(text)
    picture = Image.new("L", (256, 256))
    place = [128 - (box[axis] + box[axis + 2]) / 2 for axis in (0, 1)]
    ImageDraw.Draw(picture).text(place, text, fill=255, font=font)
    height = max(1, box[3] - box[1])
    pen = int(random.integers(0, 3)) * max(2, height // 25 // 2 * 2) + 1
    picture = picture.filter(ImageFilter.MaxFilter(pen))
    slant, turn, wide = random.uniform(-0.25, 0.25), random.uniform(-0.2, 0.2), random.uniform(0.8, 1.25)
    cosine, sine = numpy.cos(turn), numpy.sin(turn)
    matrix = numpy.array([[cosine, sine], [-sine, cosine]]) @ [[wide, slant], [0, 1]]
    matrix *= 2 * height / 150
    offset = 128 - matrix @ [PAGE / 2, PAGE / 2]
    values = [matrix[0, 0], matrix[0, 1], offset[0], matrix[1, 0], matrix[1, 1], offset[1]]
    return numpy.asarray(picture.transform((PAGE, PAGE), Image.Transform.AFFINE, values, Image.Resampling.BICUBIC))


def scribble(random):
    """Two to four smooth strokes of a pen; light on black."""
    picture = Image.new("L", (2 * PAGE, 2 * PAGE))
    draw = ImageDraw.Draw(picture)
    pen = random.uniform(6, 22)
    for _ in range(random.integers(2, 5)):
        points = random.uniform(40, 2 * PAGE - 40, (random.integers(4, 9), 2))
        curve = CubicSpline(numpy.arange(len(points)), points)(numpy.linspace(0, len(points) - 1, 300))
        for x, y in curve:
            draw.ellipse((x - pen / 2, y - pen / 2, x + pen / 2, y + pen / 2), fill=255)
    return numpy.asarray(picture.resize((PAGE, PAGE), Image.Resampling.BOX))


def noise(random, side):
    """Noise of one of seven kinds."""
    shape = (side, side)
    kind = random.integers(7)
    if kind == 0:
        levels = random.uniform(0, 255, shape)
    elif kind == 1:
        levels = random.normal(random.uniform(64, 192), random.uniform(16, 96), shape)
    elif kind == 2:
        levels = 255 * (random.random(shape) < random.uniform(0.02, 0.5))
    elif kind == 3:
        levels = random.exponential(random.uniform(16, 64), shape)
    else:
        smooth = gaussian_filter(random.normal(size=shape), random.uniform(0.5, 3) * side / SIDE, mode="wrap")
        smooth /= smooth.std()
        levels = 255 * (smooth > random.uniform(-0.5, 1.5)) if kind == 4 else 128 + 64 * smooth
        if kind == 6:
            levels = 255 * numpy.clip(numpy.abs(smooth) * 0.7, 0, 1)
    return numpy.clip(levels, 0, 255).astype(numpy.uint8)


def photos():
    """Grey photographs and textures."""
    pictures = [Image.fromarray(getattr(skimage.data, name)()).convert("L") for name in PHOTOS]
    return [numpy.asarray(picture) for picture in pictures]


def texture(random, pictures, side):
    """A square part of a photograph."""
    picture = pictures[random.integers(len(pictures))]
    cut = int(random.integers(SIDE, min(*picture.shape, 224) + 1))
    top, left = (int(random.integers(length - cut + 1)) for length in picture.shape)
    part = Image.fromarray(picture[top : top + cut, left : left + cut])
    return numpy.asarray(part.resize((side, side), Image.Resampling.BICUBIC))


def paper(image):
    """A finished image as dark ink on a page."""
    return 255 - numpy.asarray(Image.fromarray(image).resize((PAGE, PAGE), Image.Resampling.BICUBIC))


def test_images(name):
    """The test images of a data set: `[images, 28, 28]`."""
    return read(folder_of(name), "t10k-images-idx3-ubyte.gz")[1].reshape(-1, SIDE, SIDE)


def drawn(draw, count, seed):
    """Light ink on black, as finished images and as pages."""
    random = numpy.random.default_rng(seed)
    pages = [draw(random) for _ in range(count)]
    return [mnist_form(page) for page in pages], [255 - page for page in pages]


def filled(draw, count, seed):
    """What fills a picture, as finished images and as pages."""
    random = numpy.random.default_rng(seed)
    return [draw(random, SIDE) for _ in range(count)], [draw(random, PAGE) for _ in range(count)]


def all_sets(count):
    """Name, finished images and pages of every set, the digits first."""
    missing = [font for font in FONTS if not (FONT_FOLDER / font).exists()]
    if missing:
        raise SystemExit(f"{missing[0]} is missing: apt-get install {FONT_PACKAGES}")
    digits, fashion = test_images("mnist"), test_images("fashion-mnist")[:count]
    pictures = photos()
    alike = list(LIKE_DIGITS)
    others = [text for text in LETTERS if text not in LIKE_DIGITS]
    yield "digits", (digits, [paper(image) for image in digits])
    yield "letters", drawn(lambda random: letter(random, others), count, 1)
    yield "letters like digits", drawn(lambda random: letter(random, alike), count, 2)
    yield "scribbles", drawn(scribble, count, 3)
    yield "noise", filled(noise, count, 4)
    yield "Fashion-MNIST", (fashion, [paper(image) for image in fashion])
    yield "textures", filled(lambda random, side: texture(random, pictures, side), count, 5)
