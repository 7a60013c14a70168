// Figures that answer: each is drawn by the package's module when it comes near, in the place of its picture.
// Where that cannot be, the picture stays.

async function draw(figure) {
    const { mount } = await import("./explore.js");
    const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    const still = figure.firstElementChild;
    const live = document.createElement("div");
    figure.append(live);          // before it is drawn: a drawing measures the width that it has
    try {
        await mount(live, { name: figure.dataset.explore, data });
        still.hidden = true;
    } catch (error) {
        live.remove();
        throw error;
    }
}

const near = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
        if (isIntersecting) {
            near.unobserve(target);
            draw(target);
        }
    }
}, { rootMargin: "100%" });

document.querySelectorAll("figure.explore").forEach((figure) => near.observe(figure));
