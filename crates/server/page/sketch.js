// The drawing area: strokes, pictures, undo, and the picture that is sent.

// Coordinates are pixels of the picture that is sent, so that bounding boxes in answers need no scaling.
const SHAPES = {
  digit: { width: 320, height: 320, penWidth: 24 },
  number: { width: 800, height: 400, penWidth: 24 },
};

// Points closer than this would only make the curve uneven.
const SMALLEST_STEP = 0.75;

const middle = (first, second) => ({ x: (first.x + second.x) / 2, y: (first.y + second.y) / 2 });

const emptySheet = () => ({ strokes: [], picture: null, past: [] });

function strokeLine(context, width, draw) {
  context.lineWidth = width;
  context.beginPath();
  draw();
  context.stroke();
}

// Quadratic curves from midpoint to midpoint, with the points as control points: adding a point never changes what is
// already drawn.
function paintSegment(context, points, index) {
  const point = points[index];
  if (index === 0) {
    strokeLine(context, point.width, () => {
      context.moveTo(point.x, point.y);
      context.lineTo(point.x, point.y);
    });
    return;
  }
  const handle = points[index - 1];
  const start = index === 1 ? handle : middle(points[index - 2], handle);
  const end = middle(handle, point);
  strokeLine(context, (handle.width + point.width) / 2, () => {
    context.moveTo(start.x, start.y);
    context.quadraticCurveTo(handle.x, handle.y, end.x, end.y);
  });
}

function paintTail(context, points) {
  const last = points.at(-1);
  const start = points.length > 1 ? middle(points.at(-2), last) : last;
  strokeLine(context, last.width, () => {
    context.moveTo(start.x, start.y);
    context.lineTo(last.x, last.y);
  });
}

function paintStroke(context, points) {
  points.forEach((_, index) => paintSegment(context, points, index));
  paintTail(context, points);
}

function prepareInk(context, colour) {
  context.strokeStyle = colour;
  context.lineCap = 'round';
  context.lineJoin = 'round';
}

// Chromium runs toBlob only when it is idle, up to a second later; toDataURL takes a few milliseconds.
function fileOf(canvas) {
  const [, encoded] = canvas.toDataURL('image/png').split(',');
  const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  return new Blob([bytes], { type: 'image/png' });
}

function fit(picture, shape) {
  const scale = Math.min(shape.width / picture.width, shape.height / picture.height);
  const width = picture.width * scale;
  const height = picture.height * scale;
  return { left: (shape.width - width) / 2, top: (shape.height - height) / 2, width, height, scale };
}

async function decodePicture(file) {
  const address = URL.createObjectURL(file);
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
    return { file, image, width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    // The server may support a format that the browser does not, so the bytes are sent anyway.
    return { file, image: null, width: 0, height: 0 };
  } finally {
    URL.revokeObjectURL(address);
  }
}

export class Sketch {
  #canvas;
  #context;
  #mode = 'digit';
  #sheets = { digit: emptySheet(), number: emptySheet() };
  #pointer = null;
  #awaitedFile = null;
  #onGrowth;
  #onReplacement;

  // onGrowth: a stroke gets longer, and an answer in progress is still nearly right. onReplacement: it is wrong.
  constructor(canvas, { onGrowth, onReplacement }) {
    this.#canvas = canvas;
    this.#context = canvas.getContext('2d');
    this.#onGrowth = onGrowth;
    this.#onReplacement = onReplacement;
    canvas.addEventListener('pointerdown', (event) => this.#beginStroke(event));
    canvas.addEventListener('pointermove', (event) => this.#extendStroke(event));
    canvas.addEventListener('pointerup', (event) => this.#endStroke(event));
    canvas.addEventListener('pointercancel', (event) => this.#endStroke(event));
    new ResizeObserver(() => this.repaint()).observe(canvas);
  }

  get isEmpty() {
    return this.#sheet.strokes.length === 0 && !this.#sheet.picture;
  }

  get canUndo() {
    return this.#sheet.past.length > 0;
  }

  get hasPicture() {
    return this.#sheet.picture !== null;
  }

  get hiddenPictureName() {
    const { picture } = this.#sheet;
    return picture && !picture.image ? picture.file.name : null;
  }

  setMode(mode) {
    if (mode === this.#mode) {
      return;
    }
    const { picture } = this.#sheet;
    this.#mode = mode;
    this.#pointer = null;
    // The picture is kept, and read in the new mode.
    if (picture) {
      this.#replace({ strokes: [], picture });
    }
    this.#announceReplacement();
  }

  clear() {
    this.#awaitedFile = null;
    if (!this.isEmpty) {
      this.#replace({ strokes: [], picture: null });
      this.#announceReplacement();
    }
  }

  undo() {
    const previous = this.#sheet.past.at(-1);
    if (previous) {
      const past = this.#sheet.past.slice(0, -1);
      this.#pointer = null;
      this.#sheets[this.#mode] = { ...previous, past };
      this.#announceReplacement();
    }
  }

  async showPicture(file) {
    this.#awaitedFile = file;
    const picture = await decodePicture(file);
    // Meanwhile, another picture, a stroke or Clear may have replaced it.
    if (this.#awaitedFile === file) {
      this.#replace({ strokes: [], picture });
      this.#announceReplacement();
    }
  }

  repaint() {
    const { width, height } = this.#shape;
    const density = window.devicePixelRatio || 1;
    this.#canvas.width = Math.max(1, Math.round(this.#canvas.clientWidth * density));
    this.#canvas.height = Math.max(1, Math.round(this.#canvas.clientHeight * density));
    this.#context.setTransform(this.#canvas.width / width, 0, 0, this.#canvas.height / height, 0, 0);
    this.#paint(this.#context, getComputedStyle(this.#canvas).color);
  }

  // A picture is sent unchanged, because a scaled copy would lose detail.
  toFile() {
    return this.#sheet.picture?.file ?? this.#drawnFile();
  }

  // The position of a bounding box as fractions of the canvas, so that it stays correct when the canvas is resized.
  place(box) {
    const { picture } = this.#sheet;
    const { width, height } = this.#shape;
    if (picture && !picture.image) {
      return null;
    }
    const frame = picture ? fit(picture, this.#shape) : { left: 0, top: 0, scale: 1 };
    return {
      left: (frame.left + box.left * frame.scale) / width,
      top: (frame.top + box.top * frame.scale) / height,
      width: (box.width * frame.scale) / width,
      height: (box.height * frame.scale) / height,
    };
  }

  get #shape() {
    return SHAPES[this.#mode];
  }

  get #sheet() {
    return this.#sheets[this.#mode];
  }

  #replace({ strokes, picture }) {
    const { past, ...present } = this.#sheet;
    this.#pointer = null;
    this.#awaitedFile = null;
    this.#sheets[this.#mode] = { strokes, picture, past: [...past, present] };
  }

  #announceReplacement() {
    this.repaint();
    this.#onReplacement();
  }

  #paint(context, colour) {
    const { strokes, picture } = this.#sheet;
    const { width, height } = this.#shape;
    context.clearRect(0, 0, width, height);
    if (picture?.image) {
      const frame = fit(picture, this.#shape);
      context.imageSmoothingQuality = 'high';
      context.drawImage(picture.image, frame.left, frame.top, frame.width, frame.height);
    }
    prepareInk(context, colour);
    strokes.forEach((points) => paintStroke(context, points));
  }

  // Black on white in every theme, so that the same strokes give the same picture.
  #drawnFile() {
    const { strokes } = this.#sheet;
    const { width, height } = this.#shape;
    const paper = Object.assign(document.createElement('canvas'), { width, height });
    const context = paper.getContext('2d');
    context.fillStyle = '#fff';
    context.fillRect(0, 0, width, height);
    prepareInk(context, '#000');
    strokes.forEach((points) => paintStroke(context, points));
    return fileOf(paper);
  }

  #pointOf(event) {
    const { width, height, penWidth } = this.#shape;
    const frame = this.#canvas.getBoundingClientRect();
    const pressed = event.pointerType === 'pen' && event.pressure > 0;
    return {
      x: ((event.clientX - frame.left) * width) / frame.width,
      y: ((event.clientY - frame.top) * height) / frame.height,
      width: penWidth * (pressed ? 0.55 + 0.9 * event.pressure : 1),
    };
  }

  #beginStroke(event) {
    // One pointer draws at a time, so that a palm on the screen does not draw.
    if (this.#pointer !== null || event.button !== 0) {
      return;
    }
    event.preventDefault();
    const hadPicture = Boolean(this.#sheet.picture);
    const points = [this.#pointOf(event)];
    this.#replace({ strokes: [...this.#sheet.strokes, points], picture: null });
    this.#pointer = event.pointerId;
    this.#canvas.setPointerCapture(event.pointerId);
    if (hadPicture) {
      this.#announceReplacement();
    } else {
      paintSegment(this.#context, points, 0);
      this.#onGrowth();
    }
  }

  #extendStroke(event) {
    if (event.pointerId !== this.#pointer) {
      return;
    }
    const points = this.#sheet.strokes.at(-1);
    const events = event.getCoalescedEvents?.() ?? [];
    const before = points.length;
    (events.length > 0 ? events : [event]).forEach((part) => this.#addPoint(points, this.#pointOf(part)));
    if (points.length > before) {
      this.#onGrowth();
    }
  }

  #addPoint(points, point) {
    const last = points.at(-1);
    if (Math.hypot(point.x - last.x, point.y - last.y) >= SMALLEST_STEP) {
      points.push(point);
      paintSegment(this.#context, points, points.length - 1);
    }
  }

  #endStroke(event) {
    if (event.pointerId === this.#pointer) {
      this.#pointer = null;
      paintTail(this.#context, this.#sheet.strokes.at(-1));
    }
  }
}
