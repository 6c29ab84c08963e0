// What the person here may do, as the server says in the page. It refuses all else whatever is
// shown; elements that need more are hidden by the stylesheet (`data-needs`).

const ROLES = ["viewer", "editor", "admin"];

export const may = (role) => ROLES.indexOf(document.body.dataset.role) >= ROLES.indexOf(role);
