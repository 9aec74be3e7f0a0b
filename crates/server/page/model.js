// The model card, and the selection of a model.

import { requestPicture } from './server.js';

const count = new Intl.NumberFormat('en');

function channelNames(channels) {
  return { 1: 'grey levels', 3: 'red, green, blue' }[channels] ?? `${channels} channels`;
}

function picture(address, words) {
  return Object.assign(new Image(), { src: address, alt: words });
}

export class ModelCard {
  #find;
  #models = [];
  #shown = null;
  #matrix = null;

  constructor(root, onChoice) {
    this.#find = (id) => root.getElementById(id);
    this.#find('model-select').addEventListener('change', (event) => onChoice(this.#models[event.target.selectedIndex]));
    this.#find('matrix-open').addEventListener('click', () => this.#find('matrix-dialog').showModal());
    this.#find('matrix-close').addEventListener('click', () => this.#find('matrix-dialog').close());
    this.#find('matrix-dialog').addEventListener('click', (event) => this.#closeFromBackdrop(event));
  }

  offer(models) {
    this.#models = models;
    this.#find('model-choice').hidden = models.length < 2;
    this.#find('model-select').replaceChildren(...models.map(({ name }) => new Option(name, name)));
  }

  show(model) {
    this.#shown = model;
    this.#find('model-name').textContent = model.name;
    this.#find('program').textContent = model.program;
    this.#find('model-note').hidden = true;
    this.#find('model-figures').hidden = false;
    this.#showFigures(model);
    this.#showMatrix(model);
  }

  showProblem(text) {
    this.#find('model-note').textContent = text;
  }

  #showFigures({ test, validation, parameters, class_names: names, input }) {
    const measured = test ?? validation;
    this.#find('model-accuracy-label').textContent = test ? 'Test accuracy' : 'Validation accuracy';
    this.#find('model-accuracy').textContent = `${(100 * measured.accuracy).toFixed(2)}\u202f%`;
    // Without a report, the number of images is unknown.
    this.#find('model-images').textContent = measured.images ? `of ${count.format(measured.images)} images` : '';
    this.#find('model-parameters').textContent = count.format(parameters);
    this.#find('model-classes').textContent = count.format(names.length);
    this.#find('model-class-names').textContent = names.join(', ');
    this.#find('model-input').textContent = `${input.width} × ${input.height}`;
    this.#find('model-channels').textContent = channelNames(input.channels);
  }

  async #showMatrix(model) {
    const button = this.#find('matrix-open');
    button.hidden = !model.confusion_matrix;
    if (!model.confusion_matrix) {
      return;
    }
    const file = await requestPicture(model.confusion_matrix).catch(() => null);
    // Another model may have been chosen meanwhile.
    if (this.#shown !== model) {
      return;
    }
    button.hidden = file === null;
    if (file !== null) {
      this.#showPicture(file, model.name);
    }
  }

  #showPicture(file, name) {
    URL.revokeObjectURL(this.#matrix);
    this.#matrix = URL.createObjectURL(file);
    const words = `Confusion matrix of ${name}: true classes in rows, predicted classes in columns`;
    this.#find('matrix-thumbnail').replaceChildren(picture(this.#matrix, ''));
    this.#find('matrix-frame').replaceChildren(picture(this.#matrix, words));
  }

  // The content covers the whole dialog, so a click whose target is the dialog itself is on the backdrop.
  #closeFromBackdrop(event) {
    if (event.target === event.currentTarget) {
      event.currentTarget.close();
    }
  }
}
