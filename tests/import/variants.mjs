// Makes the forms of models that `twins.rs` compares: what compressors and encoders of others turn them into.
//
//   npm install @gltf-transform/cli@4 draco3dgltf ktx2-encoder meshoptimizer sharp
//   cp …/tests/import/variants.mjs . && node variants.mjs KHRONOS OUT
//
// reads glTF sample models below the folder KHRONOS and writes OUT/Model/form.glb. Where SKYWELL_TEST_DATA names the
// folder that OUT is called `variants` in, `cargo test --test import twins` finds them. Takes some minutes, once.

import { NodeIO } from '@gltf-transform/core';
import { ALL_EXTENSIONS } from '@gltf-transform/extensions';
import draco from 'draco3dgltf';
import { ktx2 } from 'ktx2-encoder/gltf-transform';
import { MeshoptDecoder, MeshoptEncoder } from 'meshoptimizer';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

const [khronos, out] = process.argv.slice(2);
// None that is quantised already: gltf-transform 4.5 makes nothing of integers that are not normalised.
const models = [
    'AlphaBlendModeTest/glTF-Binary/AlphaBlendModeTest.glb',
    'BoomBoxWithAxes/glTF/BoomBoxWithAxes.gltf',
    'BoxVertexColors/glTF-Binary/BoxVertexColors.glb',
    'ClearCoatTest/glTF-Binary/ClearCoatTest.glb',
    'MultiUVTest/glTF-Binary/MultiUVTest.glb',
    'OrientationTest/glTF-Binary/OrientationTest.glb',
    'SheenChair/glTF/SheenChair.gltf',
    'SimpleInstancing/glTF-Binary/SimpleInstancing.glb',
    'TextureCoordinateTest/glTF-Binary/TextureCoordinateTest.glb',
];
// Form, and the command that makes it.
const commands = {
    plain: ['copy'],
    draco_edge: ['draco', '--method', 'edgebreaker'],
    draco_seq: ['draco', '--method', 'sequential'],
    quantize: ['quantize'],
    meshopt_medium: ['meshopt', '--level', 'medium'],
    meshopt_high: ['meshopt', '--level', 'high'],
    webp: ['webp'],
    webp_lossless: ['webp', '--lossless', 'true'],
    instance: ['instance', '--min', '2'],
};
const encodings = {
    etc1s: { isUASTC: false, qualityLevel: 255 },
    uastc: { isUASTC: true, needSupercompression: true },
    uastc_raw: { isUASTC: true, needSupercompression: false },
};

const io = new NodeIO().registerExtensions(ALL_EXTENSIONS).registerDependencies({
    'draco3d.decoder': await draco.createDecoderModule(),
    'draco3d.encoder': await draco.createEncoderModule(),
    'meshopt.decoder': MeshoptDecoder,
    'meshopt.encoder': MeshoptEncoder,
});
const imageDecoder = async (bytes) => {
    const { data, info } = await sharp(bytes).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
    return { data: new Uint8Array(data), width: info.width, height: info.height };
};

/** The model with textures of at most 1024 pixels a side: encoding larger ones takes too long. */
async function small(source) {
    const document = await io.read(source);
    for (const texture of document.getRoot().listTextures()) {
        if (Math.max(...(texture.getSize() ?? [0])) > 1024) {
            const image = await sharp(texture.getImage()).resize(1024, 1024, { fit: 'fill' }).png().toBuffer();
            texture.setImage(image).setMimeType('image/png');
        }
    }
    return document;
}

for (const model of models) {
    const source = join(khronos, model);
    const folder = join(out, model.split('/')[0]);
    fs.mkdirSync(folder, { recursive: true });
    for (const [form, [command, ...flags]] of Object.entries(commands)) {
        const target = join(folder, `${form}.glb`);
        execFileSync('npx', ['gltf-transform', command, source, target, ...flags], { stdio: 'pipe' });
    }
    const plain = await small(source);
    if (plain.getRoot().listTextures().length > 0) {
        await io.write(join(folder, 'plain1k.glb'), plain);
        for (const [form, options] of Object.entries(encodings)) {
            const document = await small(source);
            await document.transform(ktx2({ ...options, generateMipmap: true, imageDecoder }));
            await io.write(join(folder, `${form}.glb`), document);
        }
    }
    console.log(model);
}
