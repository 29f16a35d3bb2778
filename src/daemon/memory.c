/* SPDX-License-Identifier: Apache-2.0 */
/* How a role keeps its resident memory small: few malloc arenas, free heap given back to the kernel
 * now and then, and the pages of shared libraries that only the dynamic linker read given back once
 * after start (they are clean and come back from the page cache when they are used). Measured with
 * bench/run. */
#include "daemon/memory.h"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#define TRIM_FROM ((size_t)1 << 20) /* free bytes in the heap that are worth a walk through it */

void ak_memory_start(void)
{
    (void)mallopt(M_ARENA_MAX, 2);
    (void)mallopt(M_MMAP_THRESHOLD, 4 * 1024 * 1024);
    (void)mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
}

/* Only segments that nobody may write: their pages equal the file. What relocations have changed
 * lies in writable segments, also where it is read-only afterwards (RELRO). */
static int release_object(struct dl_phdr_info *object, size_t size, void *data)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

    (void)size;
    (void)data;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];

        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W)) {
            uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
            uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_filesz;

            (void)madvise((void *)start, end - start, MADV_DONTNEED);
        }
    }
    return 0;
}

void ak_memory_started(void)
{
    (void)dl_iterate_phdr(release_object, NULL);
    (void)malloc_trim(0);
}

void ak_memory_tidy(void)
{
    if (mallinfo2().fordblks > TRIM_FROM) {
        (void)malloc_trim(0);
    }
}
