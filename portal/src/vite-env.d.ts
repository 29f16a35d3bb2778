// SPDX-License-Identifier: Apache-2.0
/// <reference types="vite/client" />

declare module "*.po" {
  const catalogue: Record<string, string>;
  export default catalogue;
}
