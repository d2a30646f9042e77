// Style sheets are imported for their effect alone: the build gathers them into page.css.

declare module "*.css" {}
