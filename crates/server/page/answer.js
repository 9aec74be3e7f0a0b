// Shows an answer: the class, the probabilities, the digits of a number, and the network's input.

// Screen readers announce an answer that is unchanged for this long, not every one while drawing. Milliseconds.
const ANNOUNCEMENT_DELAY = 900;

// No answer is certain, so none is rounded up to 100 %.
const MAX_SHOWN = 0.9995;

// With a narrow space before the percent sign, as in the report.
function percent(share) {
  return share < MAX_SHOWN ? `${(100 * share).toFixed(1)}\u202f%` : '>\u202f99.9\u202f%';
}

export function asSentence(text) {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?…]$/u.test(sentence) ? sentence : `${sentence}.`;
}

function element(name, className, text = '') {
  return Object.assign(document.createElement(name), { className, textContent: text });
}

function paintInput(canvas, rows) {
  canvas.width = rows[0].length;
  canvas.height = rows.length;
  const image = new ImageData(canvas.width, canvas.height);
  // A grey pixel is one number, a coloured pixel an array of red, green and blue.
  const colours = rows.flat().map((pixel) => (Array.isArray(pixel) ? pixel : [pixel, pixel, pixel]));
  colours.forEach((colour, index) => image.data.set([...colour, 255], 4 * index));
  canvas.getContext('2d').putImageData(image, 0, 0);
}

function clearInput(canvas) {
  canvas.getContext('2d').clearRect(0, 0, canvas.width, canvas.height);
}

function explainAcceptance({ classes, confidence }) {
  const second = classes[1];
  const isClose = second && second.probability > 0.05;
  return {
    title: `${percent(confidence)} sure`,
    reason: isClose ? `Second guess: ${second.class}, at ${percent(second.probability)}.` : '',
  };
}

function explainRejection({ reason, class: guess, confidence }) {
  switch (reason) {
    case 'blank':
      return { title: 'Nothing to read', reason: 'There is no ink on this picture.' };
    case 'unsure':
      return { title: 'Not sure', reason: `The best guess is ${guess}, at only ${percent(confidence)}.` };
    case 'out_of_distribution':
      return { title: 'Not like the training images', reason: `The best guess is ${guess}, but this looks like something else.` };
    default:
      return { title: 'Not clear enough', reason: 'No clear shape stands out. Try larger, plainer strokes.' };
  }
}

// Of a model that predicts any number of classes.
function explainLabels(labels) {
  if (labels.length === 0) {
    return { title: 'None of the classes', reason: 'No class is probable enough.' };
  }
  const least = labels.at(-1);
  if (labels.length === 1) {
    return { title: `${percent(least.probability)} sure`, reason: '' };
  }
  return { title: `${labels.length} classes`, reason: `The least certain is ${least.class}, at ${percent(least.probability)}.` };
}

function explainReading({ digits, lines, reason, text }) {
  if (digits.length === 0) {
    return { title: 'Nothing to read', reason: 'No digits stand out. Try larger strokes with gaps between the digits.' };
  }
  const count = digits.length === 1 ? '1 digit' : `${digits.length} digits`;
  const title = lines.length > 1 ? `${lines.length} lines, ${count}` : count;
  const least = digits.reduce((worst, digit) => (digit.confidence < worst.confidence ? digit : worst));
  if (reason === 'mark') {
    return { title: `${title}, and a mark`, reason: 'A mark is not clear, or not where a number has one.' };
  }
  if (lines.some((line) => line.rejected) || text.includes('?')) {
    const guess = lines.map((_, at) => digits.filter((digit) => digit.line === at + 1).map((digit) => digit.class).join(''))
      .join(', ');
    return { title: `${title}, not all clear`, reason: `The best guess is ${guess}.` };
  }
  const lowest = percent(least.confidence);
  if (digits.length === 1) {
    return { title, reason: `${lowest} sure.` };
  }
  const areAllCertain = least.confidence >= MAX_SHOWN;
  return { title, reason: areAllCertain ? `Each ${lowest} sure.` : `The least certain is the ${least.class}, at ${lowest}.` };
}

export class AnswerView {
  #page;
  #answer;
  #verdict;
  #reason;
  #seen;
  #bars;
  #digits;
  #boxes;
  #announcement;
  #rows = new Map();
  #timer = null;

  constructor(root) {
    const find = (id) => root.getElementById(id);
    this.#page = find('main');
    this.#answer = find('answer');
    this.#verdict = find('verdict');
    this.#reason = find('reason');
    this.#seen = find('seen');
    this.#bars = find('bars');
    this.#digits = find('digits');
    this.#boxes = find('boxes');
    this.#announcement = find('announcement');
  }

  setClasses(names) {
    const rows = names.map((name) => this.#makeRow(name));
    this.#rows = new Map(rows.map((row) => [row.name, row]));
    this.#bars.replaceChildren(...rows.map((row) => row.item));
    this.#bars.dataset.many = String(names.length > 12);
  }

  showNothing() {
    this.#headline('empty', '', { title: 'Nothing drawn yet', reason: 'The answer appears while you draw.' });
    this.#showDetails({ classes: [], digits: [] });
  }

  // The sheet has no answer yet; the last answer was for an earlier drawing.
  showWaiting() {
    this.#headline('waiting', '', { title: 'Not read yet', reason: 'Your drawing is kept until the server is back.' });
    this.#showDetails({ classes: [], digits: [] });
  }

  showProblem(text) {
    this.#headline('problem', '', { title: 'That did not work', reason: asSentence(text) });
    this.#showDetails({ classes: [], digits: [] });
  }

  showPrediction(answer) {
    if (answer.labels) {
      const names = answer.labels.map((label) => label.class);
      this.#headline(names.length > 0 ? 'answered' : 'rejected', names.join(', ') || '–', explainLabels(answer.labels));
    } else {
      const words = answer.rejected ? explainRejection(answer) : explainAcceptance(answer);
      this.#headline(answer.rejected ? 'rejected' : 'answered', answer.answer, words);
    }
    this.#showDetails({ ...answer, digits: [] });
    this.#markLabels(answer.labels);
  }

  showReading(answer, place) {
    // The page shows all lines, so several are no reason to reject them.
    const isClear = answer.lines.length > 0 && !answer.lines.some((line) => line.rejected);
    this.#headline(isClear ? 'answered' : 'rejected', answer.text || '?', explainReading(answer));
    this.#showDetails({ classes: [], digits: answer.digits });
    this.#showBoxes(answer.digits, place);
  }

  #headline(state, text, { title, reason }) {
    this.#page.dataset.state = state;
    this.#answer.textContent = text;
    const longest = Math.max(1, ...text.split('\n').map((line) => line.length));
    this.#answer.style.setProperty('--length', String(longest));
    this.#verdict.textContent = title;
    this.#reason.textContent = reason;
    this.#announce(state, text, title, reason);
  }

  #announce(state, text, title, reason) {
    const words = state === 'answered' ? `${text}, ${title}` : `${title}. ${reason}`;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const isNew = state !== 'empty' && this.#announcement.textContent !== words;
      if (isNew) {
        this.#announcement.textContent = words;
      }
    }, ANNOUNCEMENT_DELAY);
  }

  #showDetails({ classes, digits, input }) {
    this.#showBars(classes);
    this.#showInput(input);
    this.#digits.replaceChildren(...digits.map((digit) => this.#makeDigit(digit)));
    this.#boxes.replaceChildren();
  }

  #showInput(input) {
    this.#seen.dataset.empty = String(!input);
    this.#seen.ariaLabel = `The picture that the network sees${input ? '' : ': nothing yet'}`;
    if (input) {
      paintInput(this.#seen, input);
    } else {
      clearInput(this.#seen);
    }
  }

  #makeRow(name) {
    const item = element('li', 'bar');
    const fill = element('span', 'bar-fill');
    const value = element('span', 'bar-value');
    const track = element('span', 'bar-track');
    const label = element('span', 'bar-label', name);
    item.dataset.class = name;
    label.title = name;
    track.append(fill);
    item.append(label, track, value);
    return { name, item, fill, value };
  }

  #showBars(classes) {
    const shares = new Map(classes.map((entry) => [entry.class, entry.probability]));
    const best = classes[0]?.class;
    this.#rows.forEach(({ item, fill, value }, name) => {
      const share = shares.get(name) ?? 0;
      item.dataset.best = String(name === best);
      fill.style.setProperty('--share', String(share));
      value.textContent = shares.has(name) ? percent(share) : '';
    });
  }

  // Of several classes, all are marked, not the most probable alone.
  #markLabels(labels) {
    const names = labels?.map((label) => label.class);
    if (names) {
      this.#rows.forEach(({ item }, name) => {
        item.dataset.best = String(names.includes(name));
      });
    }
  }

  #makeDigit({ answer, class: guess, confidence, input }) {
    const item = element('li', 'digit');
    const seen = element('canvas', 'digit-seen');
    const isClear = answer !== '?';
    item.dataset.digit = answer;
    item.dataset.rejected = String(!isClear);
    seen.role = 'img';
    seen.ariaLabel = 'What the network sees';
    if (input) {
      paintInput(seen, input);
    }
    item.append(seen, element('span', 'digit-answer', answer));
    item.append(element('span', 'digit-confidence', isClear ? percent(confidence) : `${guess}, ${percent(confidence)}`));
    return item;
  }

  #showBoxes(digits, place) {
    const boxes = digits.map(place).filter(Boolean).map((part) => {
      const box = element('span', 'box');
      Object.entries(part).forEach(([side, share]) => {
        box.style[side] = `${100 * share}%`;
      });
      return box;
    });
    this.#boxes.replaceChildren(...boxes);
  }
}
