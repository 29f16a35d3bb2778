-- SPDX-License-Identifier: Apache-2.0
-- One-time passwords of requests are sealed from here on. Those that wait unsealed are void: a new one is made by a reset.
UPDATE request SET secret = NULL WHERE secret IS NOT NULL;
