// Files that the bundler turns into their own address.
declare module "*.wasm" {
  const url: string;
  export default url;
}
