// The figures of the book that answer. On a page, mount(element, {name, data}); in a notebook, anywidget calls render.

import { answer } from "./answer.js";
import { backward } from "./backward.js";
import { difference } from "./difference.js";
import { digit } from "./digit.js";
import { element } from "./dom.js";
import { exercise } from "./exercise.js";
import { paths } from "./paths.js";
import { rate } from "./rate.js";
import { space } from "./space.js";
import style from "./style.css";
import { through_time } from "./through_time.js";
import { valley } from "./valley.js";
import { weight } from "./weight.js";

export const views = { answer, backward, difference, digit, exercise, paths, rate, space, through_time, valley, weight };

// Draws the live figure into the element, in the place of what stands there; that stays where the figure cannot be drawn.
export async function mount(place, { name, data }) {
    const view = views[name];
    if (!view) throw new Error(`${name}: expected one of ${Object.keys(views).join(", ")}`);
    const root = element("div", { class: "explore-live", role: "group", "aria-label": data.title ?? name });
    root.append(element("style", {}, style));
    if (data.title) root.append(element("p", { class: "explore-title" }, data.title));
    await view(root, data);
    place.replaceChildren(root);
    return () => root.remove();
}

export default {
    async render({ model, el }) {
        return mount(el, { name: model.get("name"), data: model.get("data") });
    },
};
